import { fromWire, issuesText, toWire } from '@weft/adapters'
import { type $ZodType, type output, safeParse } from 'zod/v4/core'
import { runnerProtocol } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import { type Call, expectOk } from './transport.ts'

/** A call with a JSON body. */
export const jsonCall = (path: string, schema: $ZodType, body: unknown, caller?: Caller): Call => ({
  method: 'POST',
  path,
  body: JSON.stringify(toWire(schema, body)),
  headers: { 'content-type': 'application/json' },
  caller,
})

/** A good answer's JSON, checked. Errors: what the runner refused; 502 `runner_protocol`. */
export async function readAnswer<S extends $ZodType>(schema: S, response: Response): Promise<output<S>> {
  let body: unknown
  const text = await (await expectOk(response)).text()
  try {
    body = JSON.parse(text)
  } catch {
    throw runnerProtocol(`${response.url || 'the answer'} is not JSON`)
  }
  const result = safeParse(schema, fromWire(schema, body))
  if (!result.success) throw runnerProtocol(issuesText(result.error.issues))
  return result.data
}

/** The answer, if it is not 404. */
export async function found(response: Response): Promise<Response | undefined> {
  if (response.status !== 404) return expectOk(response)
  await response.body?.cancel()
  return undefined
}
