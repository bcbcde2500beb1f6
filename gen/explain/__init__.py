"""Explain: one pass and a question → the answer with all its reasons, as values for people and machines. Pure.

    question    a URL with its conditions           →  a Question, and the listeners that it may come to
    answer      a Question and a pass               →  who answers, who else was tried, what each policy does
    basis       the pass: state, declarations, model, bundle
    effects     a route's policies and a Question   →  what a client gets, as far as that can be known
    shown       a name of TLS                       →  the certificate, and whether a client takes it
    pool        a route                             →  who answers behind each address
    share       a route and who asked for it        →  each option with its label's place, each instance with why not
    lines       a route in a bundle                 →  the lines that stand there because of it
    journey     one workload                        →  each step from its labels to its servers, with what is wrong
    finding     what a check says: ok, warn or fail, with what was found and what to do
    page        the name of an option or a policy   →  its page of the reference

It decides nothing: which route answers is `decide`'s word, which server is reached `build`'s.
"""
