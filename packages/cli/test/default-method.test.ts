import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { toWire } from '@weft/adapters'
import { defaultHyperparameters, hyperparametersSchema } from '@weft/methods'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { typed as weft } from './typed.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-default-method-'))
const rows = join(folder, 'rows.jsonl')
writeFileSync(rows, '{"text": "The sea"}\n')

const hyperparameters = toWire(hyperparametersSchema, defaultHyperparameters({}))
const method = (id: string) => ({ id, object: 'method', sites: [], tasks: [], bases: [], config: {}, hyperparameters })
let defaults: string | undefined
const jobs: unknown[] = []

/** An edge that takes files, tells its methods, and refuses every job. */
const edge = createServer(async (request, response) => {
  const path = `${request.method} ${request.url}`
  const body = await text(request)
  const send = (status: number, json: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  if (path === 'GET /v1/methods')
    return send(200, { object: 'list', data: ['lora', 'ia3'].map((id) => ({ ...method(id), ...(id === defaults && { is_default: true }) })) })
  if (path === 'POST /v1/files')
    return send(200, {
      id: 'file-1',
      object: 'file',
      bytes: 9,
      created_at: 1,
      filename: 'rows.jsonl',
      purpose: 'fine-tune',
      status: 'processed',
      kind: 'text',
      rows: 1,
    })
  if (path === 'POST /v1/fine_tuning/jobs') jobs.push(JSON.parse(body).method)
  return send(400, { error: { message: 'no', type: 'invalid_request_error', param: null, code: 'invalid_request' } })
})
let url: string
beforeAll(async () => {
  await once(edge.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`
})
afterAll(() => {
  edge.close()
  rmSync(folder, { recursive: true })
})

const train = (...more: string[]) => weft('train', rows, '--name', 'a/b', '--url', url, '--key', 'k', ...more)

test("settings without a method are those of the server's own", async () => {
  defaults = 'ia3'
  await train('--set', 'r=4')
  await train('--set', 'r=4', '--method', 'lora')
  await train()
  expect(jobs).toEqual([{ type: 'ia3', ia3: { r: 4 } }, { type: 'lora', lora: { r: 4 } }, undefined])
})

test('of a server that tells of none, they are settings of nothing', async () => {
  defaults = undefined
  expect(await train('--set', 'r=4')).toMatchObject({ status: 2, stderr: expect.stringContaining('--set says nothing without --method') })
})
