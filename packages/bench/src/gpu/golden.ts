import { verifyPeft } from '../verify/verify-peft.ts'
import { allPrecisions, asked, type GpuBenchOptions, precisionsOf } from './options.ts'
import type { Report } from './report.ts'

/** One method that prepends and one that acts inside layers, of every family. */
const sample = /\/(prefix-tuning|lora)[^/]*$/
const few = /^(llama\/lora\.token_cls|bert\/lora-bias\.seq_cls|t5\/lora\.seq_2_seq_lm)$/

/** PEFT's own numbers, on this device: logits, losses, gradients, AdamW's first steps. */
export async function goldenCases(report: Report, { device, short, golden, precisions }: GpuBenchOptions): Promise<void> {
  for (const precision of allPrecisions.filter((each) => asked(precisions, each))) {
    if (!precisionsOf(device).includes(precision)) {
      report.skip('golden cases', precision, `the ${device} does not compute in it`)
      continue
    }
    await report.part('golden cases', precision, short ? 5 : 30, async () => {
      const rows = await verifyPeft(golden, {
        only: short ? few : sample,
        device,
        precision,
        // Told at once: a card that is taken away in the middle has told what it did.
        onRow: ({ case: name, ok, reason = '' }) => report.note(`${precision} ${name}: ${ok ? 'equal' : reason}`),
      })
      const computed = rows.filter(({ unsupported }) => !unsupported)
      const wrong = computed.filter(({ ok }) => !ok)
      const largest = (measure: 'logits' | 'loss' | 'gradient') => Math.max(...computed.map((row) => row[measure] ?? 0)).toExponential(1)
      return {
        equal: `${computed.length - wrong.length} of ${computed.length}`,
        families: new Set(computed.map((row) => row.case.split('/')[0])).size,
        logits: largest('logits'),
        loss: largest('loss'),
        gradient: largest('gradient'),
        ...(wrong.length > 0 && { failed: wrong.map((row) => `${row.case}: ${row.reason}`).join(' / ') }),
      }
    })
  }
}
