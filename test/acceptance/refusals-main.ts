import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { quantiles } from '../cases/serving/quantiles.ts'
import { scriptOptions } from './script-options.ts'

/**
 * A process that does nothing but ask a full edge and time its refusals, from the request to the head of the answer: one that holds a thousand streams
 * itself is late to see it. The key is in WEFT_KEY; prints one line of JSON.
 */
const values = scriptOptions({ url: { type: 'string' }, requests: { type: 'string' }, every: { type: 'string' } }, { url: 'URL', requests: 'N', every: 'MS' })
const { url } = values

const agent = new Agent({ keepAlive: true })
const body = JSON.stringify({ model: 'base', prompt: 'We', max_tokens: 1 })
const headers = { authorization: `Bearer ${process.env.WEFT_KEY}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }

const ask = (): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = performance.now()
    request(`${url}/v1/completions`, { method: 'POST', agent, headers }, (response) => {
      const ms = performance.now() - asked
      response.resume().once('end', () => resolve(response.statusCode === 429 ? ms : undefined))
    })
      .once('error', reject)
      .end(body)
  })

const asked: Promise<number | undefined>[] = []
for (let i = 0; i < Number(values.requests); i++) {
  asked.push(ask())
  await sleep(Number(values.every))
}
const refusals = (await Promise.all(asked)).filter((ms) => ms !== undefined)
agent.destroy()
console.log(JSON.stringify({ refused: refusals.length, refusalMs: quantiles(refusals) }))
