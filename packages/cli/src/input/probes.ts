/** Inputs of a file: of JSON lines the prompt (else the text) and the completion, if there is one; of other lines the lines themselves. Labels are not read. */
export const probesOf = (content: string): { prompt: string; completion?: string }[] =>
  content
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        const row = JSON.parse(line) as { prompt?: unknown; text?: unknown; completion?: unknown } | string
        if (typeof row === 'string') return { prompt: row }
        const prompt = row.prompt ?? row.text
        if (typeof prompt !== 'string') return { prompt: line }
        return { prompt, ...(typeof row.completion === 'string' ? { completion: row.completion } : {}) }
      } catch {
        return { prompt: line }
      }
    })
