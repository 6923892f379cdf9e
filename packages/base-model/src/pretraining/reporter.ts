interface Step {
  step: number
  loss: number
  tokensPerS: number
  etaS: number
  learningRate: number
}

/** Progress as a bar on a terminal, as a line every fifty steps elsewhere. */
export const reporter = (
  totalSteps: number,
): { step(event: Step): void; heldOut(step: number, losses: Record<string, number>): void; end(losses: Record<string, number>): void } => {
  const terminal = process.stdout.isTTY
  const time = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
  const shown = (losses: Record<string, number>): string =>
    Object.entries(losses)
      .map(([name, loss]) => `${name} ${loss.toFixed(3)} (perplexity ${Math.exp(loss).toFixed(1)})`)
      .join(', ')
  let smooth: number | undefined
  return {
    step({ step, loss, tokensPerS, etaS, learningRate }) {
      smooth = smooth === undefined ? loss : 0.95 * smooth + 0.05 * loss
      const line = `step ${step}/${totalSteps}  loss ${smooth.toFixed(3)}  rate ${learningRate.toExponential(1)}  ${tokensPerS.toFixed(0)} tokens/s  ${time(etaS)} left`
      const filled = Math.round((24 * step) / totalSteps)
      if (terminal) process.stdout.write(`\r${'█'.repeat(filled)}${'░'.repeat(24 - filled)}  ${line}\x1b[K`)
      else if (step % 50 === 0 || step === 1) console.log(line)
    },
    heldOut: (step, losses) => console.log(`${terminal ? '\r\x1b[K' : ''}held out after step ${step}: ${shown(losses)}`),
    end: (losses) => console.log(`${terminal ? '\n' : ''}held out at the end: ${shown(losses)}`),
  }
}
