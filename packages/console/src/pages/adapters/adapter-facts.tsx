import type { AdapterObject } from '@weft/protocol'
import type { ComponentChildren } from 'preact'
import { dayOf, sizeInWords, standing, taskInWords } from './grouped.ts'

const short = (digest: string): string => digest.replace(/^(sha256:.{12}).*/, '$1…')

/** What the version is, and what it was trained with. */
export const AdapterFacts = ({ adapter }: { adapter: AdapterObject }) => {
  const { manifest, virtualTokens, signature, gate } = adapter
  const { data, validation } = manifest?.lineage ?? {}
  const rows = manifest?.training?.verdict?.rows
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    ['Names', standing(adapter.name, adapter.aliases, adapter.candidate === true) || 'its version alone'],
    ['Method', adapter.method],
    [
      'Settings',
      Object.entries(manifest?.config ?? {})
        .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
        .join(', ') || 'none',
    ],
    ['Base model', `${adapter.base.name} (${adapter.base.architecture})`],
    ['Task', taskInWords(adapter.task)],
    ...(adapter.labels ? [['Labels', adapter.labels.join(', ')] as const] : []),
    ['Acts at', adapter.sites.join(', ')],
    ['Positions', `${virtualTokens.rows} rows, ${virtualTokens.prefix} of a prefix`],
    ['Size', sizeInWords(adapter.bytes)],
    ['Trained on', data ? `${rows ? `${rows.training} rows, ` : ''}${short(data)}` : 'not known: it was uploaded without'],
    ['Held out', validation ? `${rows ? `${rows.heldOut} rows, ` : ''}${short(validation)}` : rows?.heldOut ? `${rows.heldOut} rows` : 'nothing'],
    ['Published', `${dayOf(adapter.createdAt)}${adapter.jobId ? `, by the job ${adapter.jobId}` : ''}`],
    ['File', <code key="digest">{adapter.digest}</code>],
    ...(signature ? [['Signature', `${signature.standing ?? 'not looked at'}, by ${signature.keyId}`] as const] : []),
    ...(gate
      ? [
          [
            'Publish gate',
            [gate.status, ...gate.checks.map(({ metric, value, bound }) => `${metric} ${value ?? 'not measured'}, asked for ${bound}`)].join('; '),
          ] as const,
        ]
      : []),
  ]
  return (
    <section class="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">What it is</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
