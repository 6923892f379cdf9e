import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { localProcess } from './local-process.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-local-process-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** A program in Python's place: what it does is a shell's. */
const program = (name: string, script: string): string => {
  const file = join(scratch, name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}
const launch = (job: string) => ({ name: `${job}-1`, job, edge: 'http://127.0.0.1:8787', token: 'the-token' })
const environment = { PATH: process.env.PATH!, HF_HOME: '/models', RUNNER_TOKEN: 'secret', SIGNING_KEY: 'secret', RAY_TOKEN: 'secret' }
const open = (python: string) => localProcess('here', { kind: 'local', python }, environment)

async function untilEnded(executor: ReturnType<typeof open>, handle: string) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const standing = await executor.standing(handle)
    if (standing?.status !== 'running') return standing
    await sleep(20)
  }
  throw new Error('it goes on')
}

test('it is started as the trainer, with what that needs, and with no secret of the edge', async () => {
  const told = join(scratch, 'told')
  const executor = open(program('telling', `echo "$@" > ${told}; env >> ${told}`))
  const handle = await executor.start(launch('ftjob-a'))
  expect(await untilEnded(executor, handle)).toMatchObject({ status: 'ended', message: 'it ended with 0' })
  const text = readFileSync(told, 'utf8')
  expect(text).toMatch(/^-m weft_peft --job ftjob-a\n/)
  for (const line of ['WEFT_EDGE=http://127.0.0.1:8787', 'WEFT_JOB=ftjob-a', 'WEFT_TRAINER_TOKEN=the-token', 'HF_HOME=/models']) expect(text).toContain(line)
  expect(text).not.toContain('secret')
})

test('it is found again by its number and its job, after the edge was started anew, and ended with what it started', async () => {
  const first = open(program('waiting', 'sleep 60 & wait'))
  const handle = await first.start(launch('ftjob-b'))
  expect(await first.standing(handle)).toEqual({ status: 'running' })
  const second = open('python3')
  expect(await second.standing(handle)).toEqual({ status: 'running' })
  // The number alone is another process's, sooner or later.
  expect(await second.standing(handle.replace('ftjob-b', 'ftjob-c'))).toBeUndefined()
  await second.stop(handle)
  expect(await untilEnded(first, handle)).toMatchObject({ message: 'it was ended by SIGTERM' })
  await first.stop(handle)
  expect(await second.standing(handle)).toBeUndefined()
})

test('what it wrote last says why it ended', async () => {
  const executor = open(program('failing', 'echo "Traceback (most recent call last):" >&2; echo "ModuleNotFoundError: No module named weft_peft" >&2; exit 1'))
  const handle = await executor.start(launch('ftjob-d'))
  const { message } = (await untilEnded(executor, handle))!
  expect(message).toBe('it ended with 1: ModuleNotFoundError: No module named weft_peft')
})

test('it is asked whether its Python finds the trainer', async () => {
  await expect(open(program('installed', 'exit 0')).reach()).resolves.toBeUndefined()
  await expect(open(program('bare', 'exit 3')).reach()).rejects.toMatchObject({
    code: 'trainer_not_installed',
    message: expect.stringContaining('executors.here.python'),
  })
  await expect(open(join(scratch, 'none')).reach()).rejects.toMatchObject({ code: 'python_not_started' })
})

test('a Python that is not there is named', async () => {
  await expect(open(join(scratch, 'none')).start(launch('ftjob-e'))).rejects.toMatchObject({
    code: 'python_not_started',
    message: expect.stringContaining('executors.here.python'),
  })
})
