import { isWeftError } from '@weft/adapters'

/** An error as the API tells it: its code, and its sentence, which says what to do. */
export const ErrorNote = ({ error }: { error: unknown }) => (
  <div class="error-note" role="alert">
    {isWeftError(error) && <code>{error.code}</code>} <span>{error instanceof Error ? error.message : String(error)}</span>
  </div>
)
