import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import type { Launch } from '../../src/executors/executor.ts'
import { rayExecutor } from '../../src/executors/ray.ts'
import { script, seen } from '../edge.ts'

const launch: Launch = { name: 'ftjob-a-1', job: 'ftjob-a', edge: 'https://edge.example', token: 'secret' }
const ray = (rest: object = {}) => rayExecutor('cluster', { kind: 'ray', url: env.RUNNER_URL, edge: 'https://edge.example', ...rest }, 'ray-token', fetch)
const details = { type: 'SUBMISSION', job_id: '02000000', submission_id: launch.name, entrypoint: 'python -m weft_peft', start_time: 1, end_time: null }

beforeEach(() => script())

test('a job is submitted under its own name, with what the trainer needs in its environment', async () => {
  await script({ on: 'POST /api/jobs/', json: { job_id: launch.name, submission_id: launch.name } })
  expect(await ray({ gpus: 1, cpus: 4 }).start(launch)).toBe(launch.name)
  expect(await seen()).toMatchObject([
    {
      method: 'POST',
      path: '/api/jobs/',
      authorization: 'Bearer ray-token',
      body: {
        entrypoint: 'python -m weft_peft',
        submission_id: 'ftjob-a-1',
        entrypoint_num_gpus: 1,
        entrypoint_num_cpus: 4,
        runtime_env: { env_vars: { WEFT_EDGE: 'https://edge.example', WEFT_JOB: 'ftjob-a', WEFT_TRAINER_TOKEN: 'secret' } },
        metadata: { 'weft-job': 'ftjob-a' },
      },
    },
  ])
})

test('several workers are started by Ray Train, whose driver takes no GPU itself', async () => {
  await script({ on: 'POST /api/jobs/', json: { submission_id: launch.name } })
  await ray({ workers: 4, gpus: 1 }).start(launch)
  const [submission] = await seen()
  expect(submission!.body).toMatchObject({ entrypoint: 'python -m weft_peft.on_ray --workers 4 --gpus 1' })
  expect(submission!.body).not.toHaveProperty('entrypoint_num_gpus')
})

test('what was submitted before an answer was lost is taken for the same', async () => {
  const refused = {
    on: 'POST /api/jobs/',
    status: 500,
    json: 'Traceback (most recent call last):\n  …\nValueError: Job with submission_id ftjob-a-1 already exists. Please use a different submission_id.\n.',
  }
  await script(refused, { on: 'GET /api/jobs/ftjob-a-1', json: { ...details, status: 'PENDING' } })
  expect(await ray().start(launch)).toBe(launch.name)
  await script({ on: 'POST /api/jobs/', status: 400, json: { message: 'no such resource' } }, { on: 'GET /api/jobs/', status: 404, json: {} })
  await expect(ray().start(launch)).rejects.toMatchObject({ code: 'executor_refused', message: expect.stringContaining('no such resource') })
})

test.each([
  [
    { status: 'PENDING', message: 'waiting for resources' },
    { status: 'waiting', message: 'waiting for resources' },
  ],
  [{ status: 'RUNNING', message: 'Job is currently running.' }, { status: 'running' }],
  [{ status: 'SUCCEEDED', message: null }, { status: 'ended' }],
  [{ status: 'STOPPED', message: 'stopped by the user' }, { status: 'ended' }],
  [
    { status: 'FAILED', message: 'Job entrypoint command failed with exit code 1' },
    { status: 'ended', message: expect.stringContaining('exit code 1') },
  ],
])('%j', async (job, standing) => {
  await script({ on: 'GET /api/jobs/ftjob-a-1', json: { ...details, ...job } })
  expect(await ray().standing(launch.name)).toMatchObject(standing)
})

test('one that the cluster does not know is none; stopping it does no harm', async () => {
  await script({ on: 'GET /api/jobs/', status: 404, json: {} }, { on: 'POST /api/jobs/ftjob-a-1/stop', status: 404, json: {} })
  expect(await ray().standing(launch.name)).toBeUndefined()
  await ray().stop(launch.name)
  expect((await seen()).at(-1)).toMatchObject({ method: 'POST', path: '/api/jobs/ftjob-a-1/stop' })
})

test('a cluster that is away is asked again; one that refuses the token is not', async () => {
  await script({ on: 'GET /api/jobs/', status: 502, json: {} }, { on: 'GET /api/jobs/', then: 'die' }, { on: 'GET /api/jobs/', status: 401, json: 'no token' })
  for (const _ of [1, 2]) await expect(ray().standing(launch.name)).rejects.toMatchObject({ code: 'executor_unavailable', status: 503 })
  await expect(ray().standing(launch.name)).rejects.toMatchObject({ code: 'executor_refused', details: { status: 401 } })
})
