import { type AutoChoice, likenessText } from '@weft/protocol'
import { DataTable } from '../../controls/data-table.tsx'

/** What `auto(…)` chose for an input: what acts, and how like each operand's probes the input is. */
export const AutoChoiceTable = ({ choice: { expression, operands } }: { choice: AutoChoice }) => (
  <section class="panel stack" aria-labelledby="auto-choice">
    <h2 id="auto-choice">What auto(…) chose</h2>
    <p>
      For this input acts <code>{expression}</code>.
    </p>
    <DataTable
      caption="Operands: 1 is as like its probes as these are to one another, 0 as what the others are asked"
      rows={operands}
      keyOf={({ operand }) => operand}
      columns={[
        { title: 'Operand', cell: ({ operand }) => <code>{operand}</code> },
        { title: 'Likeness', cell: ({ score }) => likenessText(score, 3), numeric: true },
        { title: 'Strength', cell: ({ strength }) => strength.toFixed(3), numeric: true },
      ]}
    />
  </section>
)
