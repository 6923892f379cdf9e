import { invalidCursor } from '../errors.ts'

/** Where a page of a list begins: behind the item with this id. Error 400 `invalid_cursor` where the asker sees no such item, whoever else may have one. */
export async function checkCursor(after: string | undefined, isThere: (id: string) => Promise<unknown>, param = 'after'): Promise<void> {
  if (after !== undefined && !(await isThere(after))) throw invalidCursor(after, param)
}
