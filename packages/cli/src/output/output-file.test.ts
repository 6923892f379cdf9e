import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { requireWritable, writeOutput, writeOutputPieces } from './output-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-output-'))
async function* pieces(failure?: Error) {
  yield new TextEncoder().encode('one ')
  if (failure) throw failure
  yield new TextEncoder().encode('two')
}

test('what is written at once or in pieces is in the file', async () => {
  requireWritable(join(folder, 'whole'), {})
  writeOutput(join(folder, 'whole'), 'all of it', {})
  expect(await writeOutputPieces(join(folder, 'pieces'), pieces(), {})).toBe(7)
  expect([readFileSync(join(folder, 'whole'), 'utf8'), readFileSync(join(folder, 'pieces'), 'utf8')]).toEqual(['all of it', 'one two'])
})

test('what is written to - goes to stdout', async () => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    requireWritable('-', {})
    writeOutput('-', 'all of it ', {})
    expect(await writeOutputPieces('-', pieces(), {})).toBe(7)
    expect(Buffer.concat(printed.mock.calls.map(([text]) => Buffer.from(text))).toString()).toBe('all of it one two')
  } finally {
    printed.mockRestore()
  }
  expect(existsSync('-')).toBe(false)
})

test('a file that is there is written over where that is said, and otherwise kept', async () => {
  const path = join(folder, 'kept')
  writeFileSync(path, 'before')
  const exists = expect.objectContaining({ code: 'file_exists', exitCode: 2, message: expect.stringContaining(`${path} already`) })
  expect(() => requireWritable(path, {})).toThrow(exists)
  expect(() => writeOutput(path, 'after', {})).toThrow(exists)
  await expect(writeOutputPieces(path, pieces(), {})).rejects.toEqual(exists)
  expect(readFileSync(path, 'utf8')).toBe('before')
  requireWritable(path, { force: true })
  writeOutput(path, 'after', { force: true })
  expect(readFileSync(path, 'utf8')).toBe('after')
  await writeOutputPieces(path, pieces(), { force: true })
  expect(readFileSync(path, 'utf8')).toBe('one two')
  // What is no file has nothing to lose.
  writeOutput('/dev/null', 'gone', {})
})

test.each([
  ['a folder', folder, 'it is a folder; name a file in it'],
  ['a folder that is not there', join(folder, 'none', 'file'), 'the folder that it would be in is not there'],
  ['a file in the place of a folder', join(folder, 'file', 'file'), 'the folder that it would be in is a file'],
])('%s is no place for a file', async (_, path, reason) => {
  writeFileSync(join(folder, 'file'), '')
  const unwritable = expect.objectContaining({ code: 'file_unwritable', exitCode: 2, message: `${path} cannot be written: ${reason}.` })
  expect(() => requireWritable(path, {})).toThrow(unwritable)
  expect(() => writeOutput(path, 'text', {})).toThrow(unwritable)
  await expect(writeOutputPieces(path, pieces(), {})).rejects.toEqual(unwritable)
})

test('where the folder is there and takes no file, the folder is not said to be missing', async () => {
  const link = join(folder, 'link')
  symlinkSync(join(folder, 'none', 'file'), link)
  const unwritable = expect.objectContaining({ code: 'file_unwritable', message: `${link} cannot be written: no file can be made there.` })
  expect(() => writeOutput(link, 'text', {})).toThrow(unwritable)
  await expect(writeOutputPieces(link, pieces(), {})).rejects.toEqual(unwritable)
})

test('what breaks off on its way is no fault of the file, and leaves no half of one', async () => {
  const failure = new Error('gone')
  await expect(writeOutputPieces(join(folder, 'half'), pieces(failure), {})).rejects.toBe(failure)
  expect(existsSync(join(folder, 'half'))).toBe(false)
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s in the middle leaves no half of a file, and ends the process as it would have', async (signal) => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  try {
    const before = process.listenerCount(signal)
    const own = mkdtempSync(join(folder, 'signal-'))
    writeFileSync(join(own, 'kept'), 'before')
    for (const name of ['new', 'kept']) {
      async function* left() {
        yield new TextEncoder().encode('one ')
        process.emit(signal, signal)
        expect(readdirSync(own)).toEqual(['kept'])
        throw new Error('gone')
      }
      await expect(writeOutputPieces(join(own, name), left(), { force: true })).rejects.toThrow('gone')
    }
    expect(readFileSync(join(own, 'kept'), 'utf8')).toBe('before')
    expect(kill.mock.calls).toEqual([
      [process.pid, signal],
      [process.pid, signal],
    ])
    expect(process.listenerCount(signal)).toBe(before)
  } finally {
    kill.mockRestore()
  }
})

test('a file that is to be written over is kept until all has come, its rights and links too', async () => {
  const own = mkdtempSync(join(folder, 'own-'))
  const path = join(own, 'kept')
  writeFileSync(path, 'before', { mode: 0o600 })
  symlinkSync(path, join(own, 'link'))
  const failure = new Error('gone')
  await expect(writeOutputPieces(join(own, 'link'), pieces(failure), { force: true })).rejects.toBe(failure)
  expect(readFileSync(path, 'utf8')).toBe('before')
  await writeOutputPieces(join(own, 'link'), pieces(), { force: true })
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, lstatSync(join(own, 'link')).isSymbolicLink()]).toEqual(['one two', 0o600, true])
  expect(readdirSync(own).sort()).toEqual(['kept', 'link'])
})

test('a file that is written over stays whose it is, and whoever might read or write it still may', async () => {
  const path = join(mkdtempSync(join(folder, 'shared-')), 'file')
  writeFileSync(path, 'before')
  chmodSync(path, 0o666)
  // Only root may give a file away.
  if (process.getuid?.() === 0) chownSync(path, 1234, 1235)
  const { mode, uid, gid } = statSync(path)
  const before = process.umask(0o077)
  try {
    writeOutput(path, 'at once', { force: true })
    expect(statSync(path)).toMatchObject({ mode, uid, gid })
    await writeOutputPieces(path, pieces(), { force: true })
    expect(statSync(path)).toMatchObject({ mode, uid, gid })
  } finally {
    process.umask(before)
  }
  expect(readFileSync(path, 'utf8')).toBe('one two')
})

const module = JSON.stringify(join(import.meta.dirname, 'output-file.ts'))

test.runIf(spawnSync('unshare', ['--mount', 'true']).status === 0)('a file that is mounted from elsewhere is written over', () => {
  const own = mkdtempSync(join(folder, 'mounted-'))
  for (const name of ['elsewhere', 'out']) writeFileSync(join(own, name), 'before')
  const source = `import { writeOutput, writeOutputPieces } from ${module}
    import { readFileSync } from 'node:fs'
    async function* pieces() { yield new TextEncoder().encode('pieces') }
    for (const write of [(path) => writeOutput(path, 'whole', { force: true }), (path) => writeOutputPieces(path, pieces(), { force: true })]) {
      await write('out')
      console.log(readFileSync('elsewhere', 'utf8'))
    }`
  const script = 'mount --bind elsewhere out && exec "$@"'
  const { stdout } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', process.execPath, '--input-type=module', '-e', source], {
    cwd: own,
    encoding: 'utf8',
  })
  expect(stdout).toBe('whole\npieces\n')
  expect(readdirSync(own).sort()).toEqual(['elsewhere', 'out'])
})

test('a process that is killed in the middle leaves no half under the name', async () => {
  const path = join(mkdtempSync(join(folder, 'killed-')), 'new')
  const source = `import { writeOutputPieces } from ${module}
    async function* pieces() { yield new TextEncoder().encode('one '); setTimeout(() => console.log('begun'), 50); await new Promise((resolve) => setTimeout(resolve, 60_000)) }
    await writeOutputPieces(${JSON.stringify(path)}, pieces(), {})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source])
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(existsSync(path)).toBe(false)
})

test.runIf(process.platform === 'linux')('where the room ends, a file that was there is what it was, and of one that was not nothing is left', () => {
  const own = mkdtempSync(join(folder, 'room-'))
  writeFileSync(join(own, 'kept'), 'before')
  const source = `import { writeOutput, writeOutputPieces } from ${module}
    import { readdirSync } from 'node:fs'
    process.on('SIGXFSZ', () => {})
    const force = { force: true }
    for (const name of ['kept', 'new'])
      for (const write of [async (path) => writeOutput(path, 'x'.repeat(1e6), force), (path) => writeOutputPieces(path, [new Uint8Array(1e6)], force)]) {
        const code = await write(${JSON.stringify(own)} + '/' + name).catch(({ code }) => code)
        console.log(name, code, readdirSync(${JSON.stringify(own)}).join())
      }`
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 100; exec "$0" --input-type=module -e "$1"', process.execPath, source], { encoding: 'utf8' })
  expect(stdout).toBe('kept file_unwritable kept\n'.repeat(2) + 'new file_unwritable kept\n'.repeat(2))
  expect(readFileSync(join(own, 'kept'), 'utf8')).toBe('before')
})

test('what came into the place meanwhile is not written over', async () => {
  const path = join(mkdtempSync(join(folder, 'meanwhile-')), 'new')
  async function* slow() {
    yield new TextEncoder().encode('one ')
    writeFileSync(path, 'of another')
  }
  await expect(writeOutputPieces(path, slow(), {})).rejects.toMatchObject({ code: 'file_exists' })
  expect([readFileSync(path, 'utf8'), readdirSync(join(path, '..'))]).toEqual(['of another', ['new']])
})
