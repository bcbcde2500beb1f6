"""Build: State + Declarations (+ Settings, certificates) → Model.

claims      what each workload's routes lay claim to, host by host
ownership   whose a route is; host_claims: which hosts its owner may have
contest     which of several owners' claims are refused; guarding: who would go round a guard; decided: who prevails
earlier     which claims keep their place after a recreate; HTTP hosts beside TCP routes
addresses   an instance → a server that the proxy can reach, or why not
families    claims that share a spot, and what they come to; what families share is joined
merge       equal claims → one route and one upstream; agreement: what is in effect where they disagree
by_name     which pools stand by a name instead of their addresses
joins       which networks the proxy's container has to be on
shadowed    which routes never answer, because another one comes before them
certificates  hosts → listeners and certificates
"""

from gen.build.claims import spots_of
from gen.build.earlier import Earlier, stream_spot
from gen.build.joins import Joins, joins
from gen.build.model import build

__all__ = ["Earlier", "Joins", "build", "joins", "spots_of", "stream_spot"]
