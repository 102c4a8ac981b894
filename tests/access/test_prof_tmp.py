import time, cProfile, pstats
import pytest
from tests.access.visits import Visitor
pytestmark = pytest.mark.django_db
def test_x(world):
    v = Visitor(world)
    for url in ("/admin/organisations/user/", "/review/"):
        for p in world.people: v.visit(p,"PUT",url)
        pr=cProfile.Profile(); pr.enable(); t=time.time()
        for i in range(10):
            for p in world.people: v.visit(p,"PUT",url)
        pr.disable(); print(url, (time.time()-t)/10/17*1000, "ms")
        pstats.Stats(pr).sort_stats("cumtime").print_stats(60)
