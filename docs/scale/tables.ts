import { adapterBytes } from './adapters.ts'
import { cards, eightB, heldBy, share, smol, tokenBytes } from './cards.ts'
import { measured } from './costs.ts'
import { d1QueriesPerS, limits, objectRequestsPerS, priceSources, prices, readOn } from './limits.ts'
import { asked, base, bytes, caching, card, cardsNeeded, fullness, held, method, simulated, underWay } from './scenario.ts'

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: true })
const percent = (ratio: number): string => `${number(100 * ratio, 1)} %`
const megabytes = (size: number): string => (size < 1e6 ? `${number(size / 1e3)} kB` : `${number(size / 1e6, 1)} MB`)
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
const link = (url: string): string => `[${new URL(url).hostname.replace(/^(www|developers)\./, '')}${new URL(url).pathname.replace(/\/$/, '')}](${url})`

const secondsAMonth = 30 * 24 * 3600
const cores = (asked.requestsPerS * (measured.promptMs.value + asked.tokens * measured.tokenMs.value)) / measured.composedRatio.value / 1000
/** Of the caching table: Zipf's exponent 1 and 16 GB a runner. */
const chosen = (rows: ReturnType<typeof caching>) => rows.find(({ exponent, gb }) => exponent === 1 && gb === 16)!

/** The page's tables, by the name in their marks. Each is made of constants and seeds alone, so that they are equal on every machine. */
export function tables(): Record<string, string> {
  const cached = caching()
  const misses = asked.requestsPerS * (1 - chosen(cached).rendezvous)
  const randomMisses = asked.requestsPerS * (1 - chosen(cached).random)
  const byRequest = simulated()
  const sent = (perS: number) => `${number((perS * bytes) / 1e9, 1)} GB/s`
  const month = (perS: number, price: number) => `$${number(perS * secondsAMonth * price)}`
  return {
    measured: table(
      ['measured', 'is', 'command'],
      Object.values(measured).map(({ what, value, unit, command }) => [what, `${value} ${unit}`.trim(), `\`${command}\``]),
    ),
    adapters: table(
      ['adapter', ...[smol, eightB].flatMap(({ name }) => [name, 'in a GB'])],
      Object.entries(adapterBytes).map(([name, of]) => [name, ...[smol, eightB].flatMap((each) => [megabytes(of(each)), number(1e9 / of(each))])]),
    ),
    cards: table(
      ['card', 'base', 'rows at once', 'tokens/s read', 'tokens/s written', 'requests/s', 'of the memory, a row'],
      cards.flatMap((each) =>
        [smol, eightB].map((model) => {
          const { rows, promptTokensPerS, tokensPerS, requestsPerS } = heldBy(each, model, asked)
          const row = tokenBytes(model) * (asked.promptTokens + asked.tokens)
          return [
            `[${each.name}](${each.source})`,
            model.name,
            number(rows),
            number(promptTokensPerS),
            number(tokensPerS),
            number(requestsPerS),
            megabytes(row),
          ]
        }),
      ),
    ),
    scenario: table(
      ['', ''],
      [
        ['adapters', `${number(asked.adapters)} of ${method}, ${megabytes(bytes)} each: ${number((asked.adapters * bytes) / 1e12, 1)} TB`],
        ['requests', `${number(asked.requestsPerS)} a second, ${asked.promptTokens} tokens read and ${asked.tokens} written`],
        ['under way at once', number(underWay)],
        ['one card', `${card.name}, ${base.name} in 16 bits: ${number(held.requestsPerS)} requests/s at ${percent(share)} of its peaks`],
        [`cards, ${percent(fullness)} full`, `**${number(cardsNeeded)}**`],
        ['the same requests on CPUs, SmolLM2-135M in int4', `${number(cores)} cores`],
      ],
    ),
    caching: table(
      ["Zipf's exponent", 'memory of a runner for compositions', 'rendezvous', 'random', 'misses/s', 'sent to runners'],
      cached.map(({ exponent, gb, rendezvous, random }) => {
        const missed = asked.requestsPerS * (1 - rendezvous)
        return [number(exponent, 1), `${gb} GB`, percent(rendezvous), percent(random), number(missed), sent(missed)]
      }),
    ),
    simulated: table(
      [`${number(byRequest.requests)} requests after ${number(byRequest.filling)}, 4 GB a runner, exponent 1`, 'hits', 'most loaded over the mean'],
      (['rendezvous', 'random'] as const).map((placing) => [placing, percent(byRequest[placing].hits), number(byRequest[placing].balance, 2)]),
    ),
    walls: table(
      ['part', 'asked for', 'limit', 'full at'],
      limits.map(({ part, limit, source }) => {
        const [wanted, full] = {
          D1: [`${number(asked.requestsPerS)} queries/s`, `${number(d1QueriesPerS)} requests/s to one database`],
          'Durable Objects': [
            'two calls a request, to the object of its tenant, where that has limits',
            `${number(objectRequestsPerS / 2)} requests/s of one tenant`,
          ],
          KV: [`${number(asked.requestsPerS)} reads/s where every request names a route`, 'none known'],
          R2: [`${number(misses)} reads/s, at 16 GB a runner and exponent 1`, 'none known'],
          Workers: [`${number((asked.requestsPerS * measured.edgeMs.value) / 1000)} CPU seconds a second`, 'none known: isolates are added'],
        }[part]!
        return [`[${part}](${source})`, wanted!, limit, full!]
      }),
    ),
    cost: [
      table(
        ['a month at this load', 'amount', 'US dollars'],
        [
          ['cards', `${cardsNeeded} × $${card.usdPerHour} an hour, which is assumed`, `$${number(cardsNeeded * 720 * card.usdPerHour)}`],
          ['Workers, requests', `${number(asked.requestsPerS)}/s`, month(asked.requestsPerS, prices.workersRequest)],
          ['Workers, CPU', `${measured.edgeMs.value} ms a request`, month(asked.requestsPerS * measured.edgeMs.value, prices.workersCpuMs)],
          ['D1', 'a row a request', month(asked.requestsPerS, prices.d1RowRead)],
          ['Durable Objects', 'two calls a request', month(2 * asked.requestsPerS, prices.durableObjectRequest)],
          ['KV', 'a read a request', month(asked.requestsPerS, prices.kvRead)],
          ['R2, reads, rendezvous', `${number(misses)}/s`, month(misses, prices.r2Read)],
          ['R2, reads, random', `${number(randomMisses)}/s`, month(randomMisses, prices.r2Read)],
          ['R2, storage', `${number((asked.adapters * bytes) / 1e12, 1)} TB`, `$${number(((asked.adapters * bytes) / 1e9) * prices.r2GBMonth)}`],
        ],
      ),
      `Limits and prices are those of copies of Cloudflare's pages that were at hand on ${readOn}: ${priceSources.map(link).join(', ')}. They change; what plans include is left out.`,
    ].join('\n\n'),
  }
}
