"""LangGraph: an agent that calls a tool, reads its result and answers, with a memory of its thread, over both endpoints."""

from typing import Literal

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from weft import model


@tool
def weather(city: Literal["Bern", "Rome"]) -> str:
    """Of a city"""
    return f"Rain in {city}."


for use_responses_api in (False, True):
    chat = ChatOpenAI(model=model, max_tokens=40, max_retries=0, use_responses_api=use_responses_api)
    calling = chat.bind_tools([weather], tool_choice="weather")

    def agent(state: MessagesState):
        # The bundled model's template has no functions to choose from: a question is answered by a call, and a result by text.
        asks = state["messages"][-1].type == "human"
        return {"messages": [(calling if asks else chat).invoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("agent", agent)
    graph.add_node("tools", ToolNode([weather]))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    compiled = graph.compile(checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "one"}}
    messages = compiled.invoke({"messages": [("user", "Weather in Bern?")]}, thread)["messages"]
    assert [message.type for message in messages] == ["human", "ai", "tool", "ai"]
    assert messages[2].content.startswith("Rain in ")
    assert len(compiled.invoke({"messages": [("user", "And in Rome?")]}, thread)["messages"]) == 8
