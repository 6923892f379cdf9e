import { emojiGroup } from './emoji-group.ts'
import { mailingList } from './mailing-list.ts'
import { melville } from './melville.ts'
import { oneLine } from './one-line.ts'
import type { Task } from './task.ts'
import { workedSums } from './worked-sums.ts'

type MakeTask = (heldOut: number) => Task

/** What comes along, by what each is an example of. @param heldOut rows of each part that is measured on */
export const tasks = {
  'an instruction supplement': oneLine,
  'a style': melville,
  'a domain from few examples': emojiGroup,
  'a chain of thought': workedSums,
} satisfies Record<string, MakeTask>

/** Whose adapter does not beat the bare base: trained and measured when asked for by name, never published. */
export const missedTasks = {
  'a domain from few mails': mailingList,
} satisfies Record<string, MakeTask>
