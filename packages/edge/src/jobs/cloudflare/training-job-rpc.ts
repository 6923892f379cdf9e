import type { EventPage } from '../events/event-log.ts'

/** A training job's Durable Object, as others call it. What crosses is JSON: RPC's types cannot say what a plugin's config holds. */
export interface TrainingJobRpc extends Rpc.DurableObjectBranded {
  wake(id: string): Promise<void>
  job(): Promise<string | undefined>
  events(page: EventPage): Promise<string>
  checkpoints(): Promise<string>
  cancel(id: string): Promise<string | undefined>
  pause(id: string): Promise<string | undefined>
  resume(id: string): Promise<string | undefined>
  trainer(token: string): Promise<string | undefined>
  report(token: string, news: string): Promise<string | undefined>
}
