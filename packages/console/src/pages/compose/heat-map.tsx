interface HeatMapProps {
  caption: string
  names: readonly string[]
  /** Rows by columns; null where there is nothing to say. */
  values: readonly (readonly (number | null)[])[]
}

/** Strongest colour of a cell, in per cent: its number stays readable. */
const STRONGEST = 35

/** Numbers in cells that are the darker, the larger they are. */
export const HeatMap = ({ caption, names, values }: HeatMapProps) => {
  const most = Math.max(...values.flat().map((value) => value ?? 0), Number.EPSILON)
  return (
    // A region that scrolls must be reached by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section class="table" aria-label="Heat map" tabIndex={0}>
      <table class="heat-map">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <td />
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values.map((row, i) => (
            <tr key={names[i]}>
              <th scope="row">{names[i]}</th>
              {row.map((value, j) => (
                <td
                  key={names[j]}
                  class="numeric"
                  style={value === null ? {} : { background: `color-mix(in srgb, var(--accent) ${Math.round((STRONGEST * value) / most)}%, var(--paper))` }}
                >
                  {value === null ? '–' : value.toFixed(3)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
