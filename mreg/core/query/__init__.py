"""The language of `mreg search`: typed conditions on versions, and words to find in what is said about them.

The grammar, in EBNF; between tokens there may be any white space:

    query      = [ or ] ;
    or         = and , { "or" , and } ;
    and        = not , { [ "and" ] , not } ;
    not        = "not" , not | primary ;
    primary    = "(" , or , ")" | "exists" , field | comparison | membership | shortcut | field | quoted ;
    comparison = field , operator , value ;
    operator   = "==" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~" ;
    membership = field , [ "not" ] , "in" , "(" , value , { "," , value } , ")" ;
    shortcut   = field , ":" , value ;                (* nothing between the three *)
    field      = word | word , quoted ;               (* metrics."f1 (holdout, test)": nothing between the two *)
    value      = word | quoted ;
    word       = character , { character } ;          (* no white space and none of ( ) , " ' = < > ~ != !~ *)
    quoted     = '"' , { any | "\\" , any } , '"' | "'" , { any | "\\" , any } , "'" ;

`and`, `or`, `not`, `in` and `exists` are no words, in any case of their letters, unless they are quoted. A word ends
before its first colon where a field is expected. A field alone is text to look for, unless it is one that is true or
false, or one of metrics., params., annotations. and card.

What a query means is decided before a single version is looked at: `parse` gives its tree, `compile_query` checks
fields and types and makes of it a test for `Candidate`s. Nothing in a query is ever run as a program; both take time
linear in its length, and a test takes time linear in the texts that it looks at.
"""

from mreg.core.query.candidates import Candidate, Need
from mreg.core.query.compiling import Compiled, compile_query
from mreg.core.query.errors import InvalidQuery
from mreg.core.query.fields import Field
from mreg.core.query.grammar import parse
from mreg.core.query.literals import Setting
from mreg.core.query.order import Order, parse_order
from mreg.core.query.tree import Tree

__all__ = [
    "Candidate",
    "Compiled",
    "Field",
    "InvalidQuery",
    "Need",
    "Order",
    "Setting",
    "Tree",
    "compile_query",
    "parse",
    "parse_order",
]
