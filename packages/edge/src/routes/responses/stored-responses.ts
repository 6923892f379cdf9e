import { errors } from '@weft/adapters'
import { type ConversationItem, conversationItemListSchema, deletedSchema, responseSchema } from '@weft/protocol'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { invalidCursor } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageQuery, readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'

const tag = 'Responses'
const path = '/v1/responses/:response_id'
const listQuery = z.extend(pageQuery({ usual: 20, most: 100 }), { order: z._default(z.enum(['asc', 'desc']), 'desc') })

/** `/v1/responses/{id}`: answers that are kept. */
export const storedResponsesRoute = () => {
  const notThere = (id: string) => errors.notFound('response', id, [], 'response_id')
  return new Hono<Variables>()
    .get(path, endpoint({ summary: 'A stored response', tag, answer: responseSchema }), async (c) => {
      const id = c.req.param('response_id')
      const response = await c.get('stores').responses.get(id)
      if (!response) throw notThere(id)
      return sendJson(c, response)
    })
    .get(
      `${path}/input_items`,
      endpoint({ summary: 'What it read: the conversation before its answer', tag, query: listQuery, answer: conversationItemListSchema }),
      async (c) => {
        const { limit, after, order } = readQuery(c, listQuery)
        const id = c.req.param('response_id')
        const found = await c.get('stores').responses.conversation(id)
        if (!found) throw notThere(id)
        const read = found.items.slice(0, found.read)
        return sendJson(c, page(order === 'asc' ? read : read.toReversed(), limit, after))
      },
    )
    .delete(path, endpoint({ summary: 'Delete a stored response', tag, answer: deletedSchema }), async (c) => {
      const id = c.req.param('response_id')
      if (!(await c.get('stores').responses.delete(id))) throw notThere(id)
      return sendJson(c, { id, object: 'response', deleted: true })
    })
}

/** Conversations of before ids had to differ may have an item's twice: a page goes on until its last id does not come again, so that the next begins behind it. */
function page(items: readonly ConversationItem[], limit: number, after: string | undefined) {
  const lastOf = (id: string | undefined) => items.findLastIndex((item) => item.id === id)
  const at = after === undefined ? 0 : lastOf(after) + 1
  if (after !== undefined && at === 0) throw invalidCursor(after, 'after')
  let end = Math.min(at + limit, items.length)
  while (end < items.length && lastOf(items[end - 1]?.id) >= end) end++
  const data = items.slice(at, end)
  return { object: 'list', data, hasMore: items.length > end, firstId: data[0]?.id ?? null, lastId: data.at(-1)?.id ?? null }
}
