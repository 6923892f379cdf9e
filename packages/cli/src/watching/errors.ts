import { CliError } from '../errors.ts'

/** Of jobs that Ctrl-C leaves to themselves. @param ids that they are taken up again by */
export const notWatched = (ids: readonly string[]) =>
  new CliError(
    'not_watched',
    ids.map((id) => `It goes on without being watched; "npx weft jobs watch ${id}" takes it up again, "npx weft jobs cancel ${id}" stops it.`).join(' '),
  )

/** The same of a batch. @param out where its answers were to be written */
export const batchNotWatched = (id: string, out: string | undefined) =>
  new CliError(
    'not_watched',
    `It goes on without being watched; "npx weft batches show ${id} --out ${out ?? 'FILE'}" writes its answers when it has ended, "npx weft batches cancel ${id}" stops it.`,
  )
