import { setTimeout as sleep } from 'node:timers/promises'
import { readSamples } from '@weft/protocol/metrics/samples'
import { type Scrape, type Summary, summaryOf } from '@weft/protocol/metrics/summary'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { whole } from '../../numbers.ts'
import { bytes, outputOf, table } from '../../output/output.ts'

const perSecond = (value: number | null): string => (value === null ? '–' : value.toFixed(1))
const milliseconds = (seconds: number | null): string => (seconds === null ? '–' : `${Math.round(seconds * 1000)} ms`)
const percent = (part: number | null): string => (part === null ? '–' : `${Math.round(100 * part)} %`)

const page = (now: Summary): string =>
  [
    `running ${now.running}   waiting ${now.waiting}   cache ${percent(now.cacheUse)}   jobs ${now.jobs.running} running, ${now.jobs.queued} queued`,
    `compositions ${now.compositions} (${bytes(now.compositionBytes)})   prompts found ${percent(now.prefixHits)}   sessions made ${now.sessionBuilds}`,
    `answered ${now.answered}   failed ${now.failed}   requests/s ${perSecond(now.requestsPerS)}   tokens/s ${perSecond(now.promptTokensPerS)} read, ${perSecond(now.generatedTokensPerS)} generated`,
    `first token ${milliseconds(now.firstToken.p50)} (p95 ${milliseconds(now.firstToken.p95)})   between tokens ${milliseconds(now.interToken.p50)} (p95 ${milliseconds(now.interToken.p95)})`,
    '',
    now.tenants.length === 0
      ? 'No requests yet.'
      : table(
          ['tenant', 'route', 'requests', 'tokens'],
          now.tenants.slice(0, 20).map(({ tenant, route, requests, tokens }) => [tenant || '–', route || '–', requests, tokens]),
        ),
  ].join('\n')

/** Moves the cursor home and clears what is below: the next page stands where this one did. */
const home = '\u001b[H\u001b[J'

export const top = (): Command =>
  connected(new Command('top'))
    .description('what the runner does, as it does it')
    .option('--every <s>', 'seconds between two looks', whole(1, 3600), 2)
    .option('--once', 'one look, and no more')
    .action(async (options: Connection & { every: number; once?: boolean }, command: Command) => {
      if (options.once) refuseUnread(command, ['every'], { beside: '--once' })
      const weft = clientOf(options)
      const output = outputOf(options)
      const look = async (): Promise<Scrape> => ({ samples: readSamples(await weft.metrics()), at: Date.now() })
      let before: Scrape | undefined
      for (;;) {
        const now = await look()
        const summary = summaryOf(now, before)
        output.result(summary, () => (options.once || !process.stdout.isTTY ? '' : home) + page(summary))
        if (options.once) return
        before = now
        await sleep(options.every * 1000)
      }
    })
