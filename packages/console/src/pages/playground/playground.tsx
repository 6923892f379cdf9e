const Playground = () => <h1 tabIndex={-1}>Playground</h1>

export default Playground
