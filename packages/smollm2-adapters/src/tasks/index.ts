import { mailingList } from './mailing-list.ts'
import { melville } from './melville.ts'
import { oneLine } from './one-line.ts'
import type { Task } from './task.ts'
import { workedSums } from './worked-sums.ts'

/** The four tasks, by what each is an example of. @param heldOut rows of each part that is measured on */
export const tasks = {
  'an instruction supplement': oneLine,
  'a style': melville,
  'a domain from few examples': mailingList,
  'a chain of thought': workedSums,
} satisfies Record<string, (heldOut: number) => Task>
