/** A batch's Durable Object, as others call it. What crosses is JSON. */
export interface BatchRpc extends Rpc.DurableObjectBranded {
  wake(id: string): Promise<void>
  batch(): Promise<string | undefined>
  cancel(id: string): Promise<string | undefined>
}
