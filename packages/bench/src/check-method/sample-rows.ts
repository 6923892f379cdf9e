import type { TaskType } from '@weft/adapters'

const subjects = ['The river', 'A letter', 'The old clock', 'Her answer', 'The garden', 'A stranger', 'The ship', 'His map']

/** Rows of a task that are as good as any where nothing has to be learned, only to be trained. */
export function sampleRows(task: TaskType, { awaited, numTasks }: { awaited: readonly string[]; numTasks: number }): object[] {
  return subjects.map((subject, i) => {
    const text = `${awaited.length > 0 ? `${awaited[i % awaited.length]} ` : ''}${subject} was there before us`
    const ofTask = numTasks > 1 ? { task_id: i % numTasks } : {}
    if (task === 'SEQ_CLS') return { text, label: i % 2 === 0 ? 'one' : 'other', ...ofTask }
    if (task === 'TOKEN_CLS') return { tokens: text.split(' '), labels: text.split(' ').map((word) => (word.length > 4 ? 'long' : 'short')), ...ofTask }
    return { prompt: `${text},`, completion: i % 2 === 0 ? ' and it stayed.' : ' and nobody knew why.', ...ofTask }
  })
}
