import { WeftError } from '@weft/adapters'

/** @param param where the item is that has the id again; `first` where the id stood before it */
export const duplicateItem = (id: string, param: string, first: string) =>
  new WeftError(
    'duplicate_item',
    `${param}: the item "${id}" stands in this conversation already (${first}), and an id names one item of it. Leave it out, or send it without its id.`,
    { param, details: { id, first } },
  )

export const itemAmbiguous = (id: string, count: number, param: string) =>
  new WeftError('item_ambiguous', `${param}: ${count} different items that are kept have the id "${id}". Send the one that is meant, as an item of its own.`, {
    param,
    details: { id },
  })
