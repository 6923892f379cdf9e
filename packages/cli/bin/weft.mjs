#!/usr/bin/env node
// Plain JavaScript: this file runs on any Node, to find one that runs the rest (TypeScript without a build step).
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) {
  // Started by an older Node (below), it ends as asked when that one is gone, however that one ended.
  if (process.channel) {
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
    process.channel.unref()
  } else endWithShell()
  keepCompiled()
  const { main } = await import('../src/main.ts')
  await main(process.argv)
} else {
  endWithShell()
  const node = oneOfThePackages()
  if (node === undefined) {
    console.error(`weft: this is Node ${process.versions.node}, and 22.18 or newer is needed.
Use a newer Node. Or let the package "node" bring one along, with its install script and as what it is, an optional dependency: in a clone "npm ci" without
--ignore-scripts and --omit=optional, elsewhere "npm install node".`)
    process.exit(1)
  }
  const bin = dirname(node)
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${bin}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}` },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // Ended by a signal it ends so too: a shell tells by that what Ctrl-C broke off from what failed.
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/**
 * npm ("npx weft", "npm start") runs a program through a shell, and hands a signal to the shell alone: that ends, and what it ran would stay. So its end is
 * the signal here. Where no npm is, the end of whoever started this says nothing: it may be left running on purpose.
 */
function endWithShell() {
  if (process.env.npm_command === undefined || process.platform === 'win32') return
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  watch.unref()
}

/**
 * Node keeps what it makes of a file, so that the next start reads and compiles none of them anew: that halves a short command. What this process starts
 * does the same. In the user's own folder, since whoever could write there could change what runs; `NODE_COMPILE_CACHE` names another, and
 * `NODE_DISABLE_COMPILE_CACHE=1` switches it off. What a start made of the Worker is kept there too (`local-edge/cache`).
 */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= join(homedir(), '.cache', 'weft', 'compiled')
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
}

/** The Node of the package "node", where that is installed with its program. */
function oneOfThePackages() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'))
    const program = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}
