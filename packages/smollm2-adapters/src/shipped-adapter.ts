import { AdapterFolder } from './adapter-folder.ts'
import { tasks } from './tasks/index.ts'
import type { Task } from './tasks/task.ts'

/** An adapter that comes along. */
export interface ShippedAdapter {
  name: string
  /** What it is an example of: a style, a chain of thought. */
  example: string
  file: Uint8Array<ArrayBuffer>
  /** What it was trained and measured on; reads its data. @param heldOut rows of each part that is measured on */
  task(heldOut: number): Task
}

/** Those that were made for a base model, by its fingerprint. */
export const shippedFor = (fingerprint: string): ShippedAdapter[] => {
  const folder = new AdapterFolder()
  const { base, adapters } = folder.read()
  if (base.fingerprint !== fingerprint) return []
  return Object.entries(adapters).map(([name, { example }]) => ({ name, example, file: folder.file(name), task: tasks[example as keyof typeof tasks] }))
}
