/**
 * Two tenants republish one name, again and again, while clients of both ask for it. No client may get a version that was replaced before it asked
 * (stale), nor anything of the other tenant (crossed).
 *
 * Usage: npx node test/acceptance/republish.ts [--times 10000] [--clients 8] [--seed 7] [--model DIR] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floatTensor, Random, sha256, writeAdapter } from '@weft/adapters'
import { runnerOf, WeftClient } from '@weft/client'
import type { HeldModel } from '@weft/protocol'
import { tinyModel } from '../e2e/tiny-model.ts'
import { scriptOptions } from './script-options.ts'
import { ServedWeft } from './served-weft.ts'

export interface RepublishReport {
  /** Versions published, of both tenants together. */
  published: number
  /** Answers that clients got, by what they asked. */
  answers: { explained: number; generated: number; downloaded: number }
  stale: number
  crossed: number
  /** Answers of a version by its name that are another than by its number, afterwards. */
  different: number
  /** Of those that were asked again. */
  compared: number
  seconds: number
}

const name = 'style/same'
const tenants = ['red', 'blue'] as const

/** One tenant's versions: their digests, how many were begun, and how many acknowledged. */
interface Publisher {
  client: WeftClient
  tenant: string
  digests: Map<string, number>
  begun: number
  acknowledged: number
}

/** An adapter whose bytes no other has. */
const fileOf = async (model: HeldModel, random: Random): Promise<Uint8Array<ArrayBuffer>> => {
  const rows = Float32Array.from({ length: 2 * model.spec.hiddenSize }, () => random.uniform() - 0.5)
  return writeAdapter(
    {
      method: 'prompt-tuning',
      config: { numVirtualTokens: 2 },
      base: { name: model.name, fingerprint: model.fingerprint, architecture: model.architecture },
      task: 'CAUSAL_LM',
      lineage: {},
    },
    { inputsEmbeds: { rows: floatTensor([2, model.spec.hiddenSize], rows) } },
  )
}

/** A greedy answer, and the digest of the adapter that it was given with. */
async function generate(url: string, key: string, model: string): Promise<{ text: string; digest: string }> {
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, prompt: 'the weft', max_tokens: 4, temperature: 0 }),
  })
  const body = (await response.json()) as { choices: { text: string }[] }
  if (!response.ok) throw new Error(`${model}: ${response.status} ${JSON.stringify(body)}`)
  return { text: body.choices[0]!.text, digest: /sha256:[0-9a-f]{64}/.exec(response.headers.get('x-weft-expression') ?? '')?.[0] ?? '' }
}

/** @param weft where the edge is, and the key that it began with */
export async function republish(
  weft: { url: string; key: string },
  { times, clients, seed = 7 }: { times: number; clients: number; seed?: number },
): Promise<RepublishReport> {
  const started = performance.now()
  const operator = new WeftClient({ baseUrl: weft.url, apiKey: weft.key })
  const model = runnerOf(await operator.health())?.models[0]
  if (!model) throw new Error('the runner serves no model')
  const clientOf = async (tenant: string, role: 'publisher' | 'caller') => {
    const { secret } = await operator.keys.create({ tenant, role }).catch((error) => {
      if (error.code !== 'tenant_not_found') throw error
      return operator.keys.create({ tenant, role, newTenant: true })
    })
    return { client: new WeftClient({ baseUrl: weft.url, apiKey: secret }), secret }
  }

  const publishers: Publisher[] = []
  for (const tenant of tenants) publishers.push({ client: (await clientOf(tenant, 'publisher')).client, tenant, digests: new Map(), begun: 0, acknowledged: 0 })
  const callers = await Promise.all(Array.from({ length: clients }, (_, n) => clientOf(tenants[n % 2]!, 'caller')))
  const report: RepublishReport = {
    published: 0,
    answers: { explained: 0, generated: 0, downloaded: 0 },
    stale: 0,
    crossed: 0,
    different: 0,
    compared: 0,
    seconds: 0,
  }
  /** What a version answered by its bare name: `red 12` → text. */
  const answered = new Map<string, string>()
  let over = false

  /** Publishes until there are `count` versions. */
  const publishUntil = async (own: Publisher, count: number, random: Random): Promise<void> => {
    for (let n = own.begun + 1; n <= count; n++) {
      const file = await fileOf(model, random)
      own.digests.set(await sha256(file), n)
      own.begun = n
      const { version } = await own.client.adapters.publish(name, file)
      if (version !== n) throw new Error(`${own.tenant} published version ${n}, and it became ${version}`)
      own.acknowledged = n
      report.published++
    }
  }

  /** Counts what was got against what it may be. */
  const judge = (own: Publisher, other: Publisher, digest: string, since: number): number | undefined => {
    const version = own.digests.get(digest)
    if (version === undefined || other.digests.has(digest)) {
      report.crossed++
      return undefined
    }
    if (version < since || version > own.begun) report.stale++
    return version
  }

  const keepAsking = async ({ client, secret }: (typeof callers)[number], place: number, random: Random): Promise<void> => {
    const own = publishers[place % 2]!
    const other = publishers[(place + 1) % 2]!
    while (!over) {
      const since = own.acknowledged
      const what = random.uniform()
      if (what < 0.6) {
        const { terms } = await client.explain(name)
        judge(own, other, terms[0]!.digest!, since)
        report.answers.explained++
      } else if (what < 0.8) {
        const { text, digest } = await generate(weft.url, secret, name)
        const version = judge(own, other, digest, since)
        if (version !== undefined) answered.set(`${own.tenant} ${version}`, text)
        report.answers.generated++
      } else {
        const bytes = await own.client.adapters.download(name)
        judge(own, other, await sha256(bytes), since)
        report.answers.downloaded++
      }
    }
  }

  const random = new Random(seed)
  const seeds = Array.from({ length: clients + 2 }, () => new Random(Math.floor(random.uniform() * 2 ** 31)))
  // A first version each, so that there is something to ask for.
  const half = Math.ceil(times / 2)
  for (const [at, own] of publishers.entries()) await publishUntil(own, 1, seeds[at]!)
  const asking = callers.map((caller, place) => keepAsking(caller, place, seeds[place + 2]!))
  try {
    await Promise.race([
      Promise.all(publishers.map((own, at) => publishUntil(own, half, seeds[at]!))),
      Promise.all(asking).then(() => new Promise<never>(() => {})),
    ])
  } finally {
    over = true
  }
  await Promise.all(asking)

  // What a version answered under the bare name, it answers under its number.
  const all = [...answered]
  const step = Math.max(1, Math.floor(all.length / 64))
  for (const [key, text] of all.filter((_, at) => at % step === 0)) {
    const [tenant, version] = key.split(' ') as [string, string]
    const { secret } = callers[tenants.indexOf(tenant as (typeof tenants)[number])]!
    report.compared++
    if ((await generate(weft.url, secret, `${name}@${version}`)).text !== text) report.different++
  }
  report.seconds = Math.round((performance.now() - started) / 100) / 10
  return report
}

if (import.meta.main) {
  const values = scriptOptions({
    times: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '8' },
    seed: { type: 'string', default: '7' },
    model: { type: 'string' },
    json: { type: 'boolean' },
  })
  const folder = mkdtempSync(join(tmpdir(), 'weft-republish-'))
  try {
    await using weft = await ServedWeft.start(join(folder, 'state'), ['--model', values.model ?? tinyModel(join(folder, 'model'))])
    const report = await republish(weft, { times: Number(values.times), clients: Number(values.clients), seed: Number(values.seed) })
    console.log(JSON.stringify(report, null, values.json ? 0 : 2))
    if (report.stale + report.crossed + report.different > 0) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
