import { candidateNote } from '../../api/candidate-note.ts'
import { useLoaded } from '../../api/use-loaded.ts'
import { useSession } from '../../session/session.ts'

/** That what a job made is none that its name stands for. Nothing is said of one that is deleted since. */
export const Candidate = ({ id }: { id: string }) => {
  const { weft } = useSession()
  const { value: note } = useLoaded(async () => candidateNote(weft, await weft.adapters.get(id)), [weft, id])
  return note === undefined ? null : <p role="status">{note}</p>
}
