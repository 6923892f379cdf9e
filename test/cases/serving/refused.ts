import { expect } from 'vitest'

/** What a refusal says: its status, when to come back, and the error in it. */
export async function refused(response: Response | Promise<Response>) {
  const { status, headers } = await response
  const { error } = (await (await response).json()) as any
  expect(Object.keys(error)).toEqual(expect.arrayContaining(['code', 'message']))
  return { status, retryAfter: headers.get('retry-after'), ...error }
}
