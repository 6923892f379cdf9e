import { afterAll, beforeAll } from 'vitest'

/** Node's own agent, and that of a package which puts its own in the place: one that another file's `fetch` would then go through. */
const dispatchers = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].map((name) => Symbol.for(name))

/** What a part of ours sets once for all in whatever process it is used, to the same value. */
const onceForAll = new Set(['ORT_DISABLE_TELEMETRY'])

/** What all files in a process share. */
const shared = (): Record<string, unknown> => {
  const global = globalThis as unknown as Record<symbol, unknown>
  return {
    'its folder (process.cwd)': process.cwd(),
    'the rights of its new files (process.umask)': process.umask(),
    'its exit code': process.exitCode ?? 0,
    'what is written to it (process.stdout.write)': process.stdout.write,
    'what is written to it (process.stderr.write)': process.stderr.write,
    'globalThis.fetch': globalThis.fetch,
    'the agent of fetch': dispatchers.map((name) => global[name]?.constructor),
    ...Object.fromEntries(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [`who hears ${signal}`, process.listenerCount(signal)])),
    ...Object.fromEntries(
      Object.entries(process.env)
        .filter(([name]) => !onceForAll.has(name))
        .map(([name, value]) => [`process.env.${name}`, value]),
    ),
  }
}

const isSame = (a: unknown, b: unknown): boolean => a === b || (Array.isArray(a) && Array.isArray(b) && a.every((each, i) => each === b[i]))

let before: Record<string, unknown>
beforeAll(async () => {
  // Node brings its agent with the first of these.
  await fetch('data:,')
  before = shared()
})

/** Many files run one after another in a process, and each finds it as the one before left it: what one leaves changed would fail another, now and then. */
afterAll(() => {
  const after = shared()
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !isSame(before[name], after[name]))
  if (changed.length > 0)
    throw new Error(
      `This file leaves its process changed for the files that come after it: ${changed.join(', ')}. Put back what it changes, or give it a process to itself by a comment, "// This needs its own process: WHY" (test/setup/own-process.ts).`,
    )
})
