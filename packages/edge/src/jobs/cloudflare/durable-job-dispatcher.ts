import type { JobDispatcher } from '../job-dispatcher.ts'
import type { TrainingJobRpc } from './training-job-rpc.ts'

/** One Durable Object per job. */
export const durableJobDispatcher = (namespace: DurableObjectNamespace<TrainingJobRpc>): JobDispatcher => {
  const read = <T>(json: string | undefined): T | undefined => (json === undefined ? undefined : (JSON.parse(json) as T))
  return {
    wake: (id) => namespace.getByName(id).wake(id),
    job: async (id) => read(await namespace.getByName(id).job()),
    events: async (id, page) => read(await namespace.getByName(id).events(page))!,
    liveEvents: (id, after, signal) =>
      namespace.getByName(id).fetch(`http://job/events${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`, { signal }),
    checkpoints: async (id) => read(await namespace.getByName(id).checkpoints())!,
    cancel: async (id) => read(await namespace.getByName(id).cancel(id)),
    pause: async (id) => read(await namespace.getByName(id).pause(id)),
    trainer: async (id, token) => read(await namespace.getByName(id).trainer(token)),
    report: async (id, token, news) => read(await namespace.getByName(id).report(token, JSON.stringify(news))),
    resume: async (id) => read(await namespace.getByName(id).resume(id)),
  }
}
