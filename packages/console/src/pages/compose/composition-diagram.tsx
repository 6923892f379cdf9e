import type { ExplainResponse } from '@weft/protocol'
import { DataTable } from '../../controls/data-table.tsx'
import { laneOf, placed } from './placed.ts'

/** Where each term stands: beside every layer's keys, in the sequence, or within the layers; what it takes, and what the whole is keyed by. */
export const CompositionDiagram = ({ explained }: { explained: ExplainResponse }) => {
  const { key, canonical, model, sites, virtualTokens, maxPositions, policy, outputs, texts } = explained
  const { prefixes, sequence, layers } = placed(explained.terms)
  return (
    <section class="panel stack" aria-labelledby="diagram">
      <h2 id="diagram">What runs</h2>
      <ol class="diagram" aria-label="Composition on the base model">
        {layers.map((term) => (
          <Box key={term.expression} kind="layers" title={term.expression} note={`${laneOf(term)} of every layer`} />
        ))}
        {prefixes.map((term) => (
          <Box key={term.expression} kind="prefix" title={term.expression} note={`${term.virtualTokens.prefix} keys and values before every layer's own`} />
        ))}
        {sequence.map(({ term, from, to }, i) => (
          <Box
            key={term.expression}
            kind="rows"
            title={term.expression}
            note={term.kind === 'text' ? `text, place ${i + 1} in the sequence` : `positions ${from} to ${to} of the sequence`}
          />
        ))}
        <Box kind="prompt" title="the request's own text" note={`on ${model}`} />
      </ol>
      {outputs && (
        <p>
          {outputs.operator}: {outputs.operands.map(({ terms, weight }) => `${weight} × ${stackText(terms)}`).join('; ')} meet at the output.
        </p>
      )}
      {explained.terms.length > 0 && (
        <DataTable
          caption="Terms, in order"
          rows={explained.terms}
          keyOf={({ expression }) => expression}
          columns={[
            { title: 'Term', cell: ({ expression }) => <code>{expression}</code> },
            { title: 'Method', cell: ({ method, kind }) => method ?? kind },
            { title: 'Strength', cell: ({ weight }) => weight, numeric: true },
            { title: 'Sites', cell: (term) => term.sites.join(', ') },
            { title: 'Rows', cell: (term) => term.virtualTokens.rows, numeric: true },
            { title: 'Prefix', cell: (term) => term.virtualTokens.prefix, numeric: true },
          ]}
        />
      )}
      <dl class="facts">
        <dt>Sites</dt>
        <dd>{sites.join(', ') || 'none: the base model as it is'}</dd>
        <dt>Positions</dt>
        <dd>
          {virtualTokens.positions} of {maxPositions}
          {texts.length > 0 && `, and ${texts.length} ${texts.length === 1 ? 'text' : 'texts'} as long as its tokens`}
        </dd>
        <dt>Canonical</dt>
        <dd>
          <code>{canonical || model}</code>
        </dd>
        <dt>Key</dt>
        <dd>
          <code>{key ?? 'none: nothing is composed'}</code>
        </dd>
        <dt>Policy</dt>
        <dd>{policy.allowed ? 'allowed' : policy.refusals.map(({ message }) => message).join(' ')}</dd>
      </dl>
    </section>
  )
}

const Box = ({ kind, title, note }: { kind: 'layers' | 'prefix' | 'rows' | 'prompt'; title: string; note: string }) => (
  <li class={`box box-${kind}`}>
    <strong>{title}</strong>
    <span>{note}</span>
  </li>
)

/** As it would be written. */
const stackText = (terms: ExplainResponse['terms']): string =>
  terms.map(({ expression, weight }) => (weight === 1 ? expression : `${weight}*${expression}`)).join(' + ') || 'base'
