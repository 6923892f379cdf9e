import { adapterRefs, parse, print } from '@weft/adapters'
import type { ExplainResponse } from '@weft/protocol'

/**
 * What was trained over adapters that do not run with it: it has learned what they leave to do, and does something else without them. Operands that meet at the
 * output run by themselves, so each is looked at alone.
 */
export const trainedOverLines = ({ canonical, outputs, references }: Pick<ExplainResponse, 'canonical' | 'outputs' | 'references'>): string[] => [
  ...new Set(
    (outputs?.operands.map((operand) => operand.canonical) ?? [canonical]).flatMap((composed) => {
      const here = references.filter(({ digest }) => composed.includes(digest))
      return here.flatMap(({ id, on }) => {
        const missing =
          on === undefined
            ? []
            : adapterRefs(parse(on))
                .map(print)
                .filter((ref) => !here.some((other) => other.id === ref))
        return missing.length === 0
          ? []
          : [`${id} was trained over ${missing.join(' and ')}, which ${missing.length > 1 ? 'do' : 'does'} not run beneath it here: ${on} + ${id}`]
      })
    }),
  ),
]
