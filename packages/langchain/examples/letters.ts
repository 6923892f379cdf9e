import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { ChatWeft, type Composition, WeftClassifier, type WeftConnection, type WeftMetadata } from '@weft/langchain'

const State = Annotation.Root({ mail: Annotation<string>, answer: Annotation<string>, by: Annotation<string | undefined> })

/**
 * A flow that switches prompts: a trained classifier reads a mail, and what it says chooses the composition that answers. One chat model, one deployed base:
 * each node only names another composition.
 * @param labels the composition that answers mails of each label; of any other label there is no answer
 */
export function letters(connection: WeftConnection, classifier: Composition, labels: Readonly<Record<string, Composition>>) {
  const chat = new ChatWeft({ ...connection, maxTokens: 40, temperature: 0 })
  const kind = new WeftClassifier({ ...connection, composition: classifier })
  const answer =
    (composition: Composition) =>
    async ({ mail }: typeof State.State) => {
      const message = await chat.invoke(mail, { composition })
      const { expression } = message.response_metadata.weft as WeftMetadata
      return { answer: message.text, by: expression }
    }
  const graph = new StateGraph(State)
  for (const [label, composition] of Object.entries(labels)) graph.addNode(label, answer(composition)).addEdge(label as typeof START, END)
  return graph.addConditionalEdges(
    START,
    kind.edge((state: typeof State.State) => state.mail),
    Object.fromEntries(Object.keys(labels).map((label) => [label, label as typeof END])),
  )
}

// npx node packages/langchain/examples/letters.ts, beside a running `npm start`
if (import.meta.main) {
  const flow = letters({}, 'mail/spam', { ham: 'base + style/speech', spam: { adapters: { 'style/speech': 0.5, 'style/whale': 1 } } }).compile()
  for (const mail of ['Subject: lunch\n\nSee you at noon?', 'Subject: You have won\n\nClick here to claim your free prize!'])
    console.log(await flow.invoke({ mail }))
}
