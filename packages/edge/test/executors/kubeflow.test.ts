import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import type { Launch } from '../../src/executors/executor.ts'
import { kubeflowExecutor } from '../../src/executors/kubeflow.ts'
import { script, seen } from '../edge.ts'

const launch: Launch = { name: 'ftjob-a-1', job: 'ftjob-a', edge: 'https://edge.example', token: 'secret' }
const kubeflow = (rest: object = {}) =>
  kubeflowExecutor(
    'cluster',
    { kind: 'kubeflow', url: `${env.RUNNER_URL}/`, edge: 'https://edge.example', namespace: 'weft', token: 'KUBE_TOKEN', image: 'weft-trainer:1', ...rest },
    'kube-token',
    fetch,
  )
const jobs = '/apis/trainer.kubeflow.org/v1alpha1/namespaces/weft/trainjobs'
const secrets = '/api/v1/namespaces/weft/secrets'
const trainJob = (conditions: object[] = [], spec: object = {}) => ({
  apiVersion: 'trainer.kubeflow.org/v1alpha1',
  kind: 'TrainJob',
  metadata: { name: launch.name, namespace: 'weft', uid: '6f0c' },
  spec,
  status: { conditions, jobsStatus: [] },
})
const failure = (code: number, reason: string, message: string) => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code })

beforeEach(() => script())

test('a TrainJob is made, and a Secret that goes with it; the token is in no TrainJob', async () => {
  await script({ on: `POST ${jobs}`, status: 201, json: trainJob() }, { on: `POST ${secrets}`, status: 201, json: { kind: 'Secret' } })
  expect(await kubeflow({ nodes: 2, gpus: 4 }).start(launch)).toBe(launch.name)
  const [job, secret] = await seen()
  expect(job).toMatchObject({
    authorization: 'Bearer kube-token',
    body: {
      apiVersion: 'trainer.kubeflow.org/v1alpha1',
      kind: 'TrainJob',
      metadata: { name: 'ftjob-a-1' },
      spec: {
        runtimeRef: { apiGroup: 'trainer.kubeflow.org', kind: 'ClusterTrainingRuntime', name: 'torch-distributed' },
        trainer: {
          image: 'weft-trainer:1',
          command: ['torchrun', '-m', 'weft_peft'],
          numNodes: 2,
          numProcPerNode: 4,
          resourcesPerNode: { limits: { 'nvidia.com/gpu': 4 }, requests: { 'nvidia.com/gpu': 4 } },
          env: [
            { name: 'WEFT_EDGE', value: 'https://edge.example' },
            { name: 'WEFT_JOB', value: 'ftjob-a' },
            { name: 'WEFT_TRAINER_TOKEN', valueFrom: { secretKeyRef: { name: 'ftjob-a-1', key: 'token' } } },
          ],
        },
      },
    },
  })
  expect(JSON.stringify(job!.body)).not.toContain('secret"')
  expect(secret).toMatchObject({
    body: { metadata: { ownerReferences: [{ kind: 'TrainJob', name: 'ftjob-a-1', uid: '6f0c' }] }, stringData: { token: 'secret' } },
  })
})

test('without GPUs a node has one process, not one for each of its cores', async () => {
  await script({ on: `POST ${jobs}`, status: 201, json: trainJob() }, { on: `POST ${secrets}`, status: 201, json: {} })
  await kubeflow().start(launch)
  expect(await seen()).toMatchObject([{ body: { spec: { trainer: { numNodes: 1, numProcPerNode: 1 } } } }, {}])
})

test('what was made before an answer was lost is taken for the same', async () => {
  const exists = failure(409, 'AlreadyExists', 'trainjobs.trainer.kubeflow.org "ftjob-a-1" already exists')
  await script(
    { on: `POST ${jobs}`, status: 409, json: exists },
    { on: `GET ${jobs}/ftjob-a-1`, json: trainJob() },
    { on: `POST ${secrets}`, status: 409, json: exists },
  )
  expect(await kubeflow().start(launch)).toBe(launch.name)
  expect((await seen()).at(-1)).toMatchObject({ body: { metadata: { ownerReferences: [{ uid: '6f0c' }] } } })
})

test.each([
  [trainJob(), { status: 'running' }],
  [trainJob([], { suspend: true }), { status: 'waiting' }],
  [
    trainJob([{ type: 'Suspended', status: 'True', reason: 'Suspended', message: 'waits for its quota' }]),
    { status: 'waiting', message: 'waits for its quota' },
  ],
  [trainJob([{ type: 'Suspended', status: 'False', reason: 'Resumed' }]), { status: 'running' }],
  [trainJob([{ type: 'Complete', status: 'True', reason: 'JobsCompleted', message: 'jobset completed successfully' }]), { status: 'ended' }],
  [
    trainJob([{ type: 'Failed', status: 'True', reason: 'FailedJobs', message: 'jobset failed: job node-0 failed' }]),
    { status: 'ended', message: 'jobset failed: job node-0 failed' },
  ],
])('conditions tell how it stands: %#', async (job, standing) => {
  await script({ on: `GET ${jobs}/ftjob-a-1`, json: job })
  expect(await kubeflow().standing(launch.name)).toMatchObject(standing)
})

test('one that is gone is none, and is gone already when it is to be', async () => {
  const gone = failure(404, 'NotFound', 'trainjobs.trainer.kubeflow.org "ftjob-a-1" not found')
  await script({ on: `GET ${jobs}/`, status: 404, json: gone }, { on: `DELETE ${jobs}/`, status: 404, json: gone })
  expect(await kubeflow().standing(launch.name)).toBeUndefined()
  await kubeflow().stop(launch.name)
  expect((await seen()).at(-1)).toMatchObject({ method: 'DELETE', path: `${jobs}/ftjob-a-1?propagationPolicy=Background` })
})

test('what the API refuses is said in its own words', async () => {
  const why = 'trainjobs.trainer.kubeflow.org is forbidden: User "system:serviceaccount:weft:edge" cannot create resource'
  await script({ on: `POST ${jobs}`, status: 403, json: failure(403, 'Forbidden', why) })
  await expect(kubeflow().start(launch)).rejects.toMatchObject({ code: 'executor_refused', message: expect.stringContaining(why) })
  await script({ on: `POST ${jobs}`, status: 503, json: failure(503, 'ServiceUnavailable', 'apiserver not ready') })
  await expect(kubeflow().start(launch)).rejects.toMatchObject({ code: 'executor_unavailable' })
})
