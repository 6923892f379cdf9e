"""Weft in LangChain: a chat model whose composition each call chooses, a classifier, and embeddings."""

from langchain_weft.chat_weft import ChatWeft
from langchain_weft.composition import Composition, CompositionParts, Route, composition_text
from langchain_weft.weft_classifier import Label, WeftClassifier
from langchain_weft.weft_embeddings import WeftEmbeddings

__all__ = ["ChatWeft", "Composition", "CompositionParts", "Label", "Route", "WeftClassifier", "WeftEmbeddings", "composition_text"]
