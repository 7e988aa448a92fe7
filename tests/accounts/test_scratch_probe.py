import cProfile, pstats
from tests.test_permissions import *
def test_profile(world, monkeypatch):
    monkeypatch.setattr(settings, "EMAIL_URL", "")
    monkeypatch.setattr(settings, "ACCOUNT_RATE_LIMITS", False)
    p=cProfile.Profile(); 
    names=sorted({(n, frozenset(a)) for n,a in routes()})
    p.enable()
    for n,a in names:
        if n=="api_schema": continue
        for m in ("GET","POST"):
            answer(world,n,a,m,"manager"); answer(world,n,a,m,"visitor")
    p.disable()
    pstats.Stats(p).sort_stats("cumtime").print_stats(60)
