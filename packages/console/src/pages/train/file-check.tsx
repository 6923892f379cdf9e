import { DataTable } from '../../controls/data-table.tsx'
import type { CheckedFile } from './training-file.ts'

/** Classes shown; a file may have a thousand. */
const MOST_LABELS = 20

const kindNames = {
  text: 'texts',
  completion: 'prompts with completions',
  messages: 'chats',
  label: 'texts with a label',
  tokens: 'words with labels',
  pair: 'pairs',
  document: 'documents',
}

/** Rows, bad lines, the balance of labels, and how the rows are split. */
export const FileCheck = ({ file, hasValidation }: { file: CheckedFile; hasValidation: boolean }) => (
  <section class="panel stack" aria-label={`Check of ${file.name}`}>
    <p role="status">
      <strong>{file.name}</strong>: {countsOf(file)}.
    </p>
    {file.refusal !== undefined && <p class="field-error">{file.refusal}</p>}
    {file.errors.length > 0 && (
      <DataTable
        caption={file.badLines > file.errors.length ? `The first ${file.errors.length} bad lines` : 'Bad lines'}
        rows={file.errors}
        keyOf={({ line }) => String(line)}
        columns={[
          { title: 'Line', cell: ({ line }) => line, numeric: true },
          { title: 'What is wrong', cell: ({ message }) => message },
        ]}
      />
    )}
    {file.labels.size > 0 && <LabelBalance labels={file.labels} />}
    {file.refusal === undefined && <p class="quiet">{splitText(file, hasValidation)}</p>}
  </section>
)

const countsOf = ({ rows, kinds, badLines }: CheckedFile): string => {
  const bad = badLines > 0 && `${badLines} bad ${badLines === 1 ? 'line' : 'lines'}`
  if (rows === 0) return bad ? `no good row; ${bad}` : 'no rows'
  return `${rows} ${rows === 1 ? 'row' : 'rows'} of ${kinds.map((kind) => kindNames[kind]).join(' and of ')}; ${bad || 'every line is good'}`
}

const splitText = ({ split: { training, heldOut } }: CheckedFile, hasValidation: boolean): string => {
  if (hasValidation) return `${training + heldOut} rows are learned from; the validation file is measured on.`
  if (heldOut === 0) return `${training} rows are learned from: fewer than ten are too few to set any aside, so nothing will be measured.`
  return `${training} rows are learned from, and ${heldOut} ${heldOut === 1 ? 'is' : 'are'} set aside to measure on.`
}

const LabelBalance = ({ labels }: { labels: ReadonlyMap<string, number> }) => {
  const counts = [...labels].sort((a, b) => b[1] - a[1])
  const total = counts.reduce((sum, [, rows]) => sum + rows, 0)
  return (
    <DataTable
      caption={counts.length > MOST_LABELS ? `The ${MOST_LABELS} commonest of ${counts.length} labels` : 'Labels'}
      rows={counts.slice(0, MOST_LABELS)}
      keyOf={([label]) => label}
      columns={[
        { title: 'Label', cell: ([label]) => label },
        { title: 'Rows', cell: ([, rows]) => rows, numeric: true },
        { title: 'Share', cell: ([, rows]) => <Share part={rows / total} /> },
      ]}
    />
  )
}

const Share = ({ part }: { part: number }) => (
  <span class="share">
    <meter value={part} min={0} max={1} aria-label={`${Math.round(100 * part)} %`} /> {Math.round(100 * part)} %
  </span>
)
