import type { KubeflowExecutorConfig } from '@weft/protocol'
import { api, lookMs, type Send } from './calls.ts'
import type { Executor, Launch, Standing } from './executor.ts'

const group = 'trainer.kubeflow.org'
const version = 'v1alpha1'

interface TrainJob {
  metadata: { uid: string }
  spec?: { suspend?: boolean }
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] }
}

/**
 * Kubeflow Trainer v2: one TrainJob for each attempt (https://www.kubeflow.org/docs/components/trainer/), and a Secret with the trainer's token, which Kubernetes
 * takes away with it.
 * @param token of a service account that may create, get and delete TrainJobs, and create Secrets, in the namespace
 */
export function kubeflowExecutor(name: string, config: KubeflowExecutorConfig, token: string | undefined, send: Send): Executor {
  const call = api({ name, url: config.url, token, send })
  const namespace = encodeURIComponent(config.namespace)
  const jobs = `/apis/${group}/${version}/namespaces/${namespace}/trainjobs`
  const secrets = `/api/v1/namespaces/${namespace}/secrets`
  const find = async (handle: string): Promise<TrainJob | undefined> => {
    const { status, body } = await call<TrainJob>({ path: `${jobs}/${handle}`, accepts: [404] })
    return status === 404 ? undefined : body
  }
  return {
    async start(launch) {
      // 409: it is there already, of a start whose answer was lost.
      const created = await call<TrainJob>({ method: 'POST', path: jobs, json: trainJob(config, launch), accepts: [409] })
      const { metadata } = created.status === 409 ? (await find(launch.name))! : created.body
      // Until it is there, the pods wait for it.
      await call({ method: 'POST', path: secrets, json: secretOf(launch, metadata.uid), accepts: [409] })
      return launch.name
    },
    async standing(handle) {
      const job = await find(handle)
      return job && standingOf(job)
    },
    // Every Kubernetes tells its version, to those too who may do nothing else there.
    async reach() {
      await call({ path: '/version', within: lookMs })
    },
    async stop(handle) {
      await call({ method: 'DELETE', path: `${jobs}/${handle}?propagationPolicy=Background`, accepts: [404] })
    },
  }
}

const trainJob = ({ image, runtime = 'torch-distributed', nodes = 1, gpus }: KubeflowExecutorConfig, { name, job, edge }: Launch): object => ({
  apiVersion: `${group}/${version}`,
  kind: 'TrainJob',
  metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'weft', 'weft/job': job } },
  spec: {
    runtimeRef: { apiGroup: group, kind: 'ClusterTrainingRuntime', name: runtime },
    trainer: {
      image,
      // The runtime says by PET_* how many processes there are, and where they meet.
      command: ['torchrun', '-m', 'weft_peft'],
      numNodes: nodes,
      // Left to the runtime, a node without GPUs would have a process for each of its cores.
      numProcPerNode: gpus ?? 1,
      ...(gpus && { resourcesPerNode: { limits: { 'nvidia.com/gpu': gpus }, requests: { 'nvidia.com/gpu': gpus } } }),
      env: [
        { name: 'WEFT_EDGE', value: edge },
        { name: 'WEFT_JOB', value: job },
        { name: 'WEFT_TRAINER_TOKEN', valueFrom: { secretKeyRef: { name, key: 'token' } } },
      ],
    },
  },
})

const secretOf = ({ name, token }: Launch, uid: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, ownerReferences: [{ apiVersion: `${group}/${version}`, kind: 'TrainJob', name, uid }] },
  type: 'Opaque',
  stringData: { token },
})

/** A TrainJob has no phase: its conditions say that it has ended; one without any waits or runs, and only its pods say which. */
function standingOf({ spec, status }: TrainJob): Standing {
  const holds = (type: string) => status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')
  const end = holds('Failed') ?? holds('Complete')
  if (end) return { status: 'ended', message: end.message ?? end.reason ?? end.type }
  const suspended = holds('Suspended')
  if (suspended || spec?.suspend) return { status: 'waiting', message: suspended?.message ?? 'It is suspended.' }
  return { status: 'running' }
}
