"""What holds for every test: Hypothesis counts no seconds, as two cores may be shared by many."""

from hypothesis import HealthCheck, settings

settings.register_profile("shared-cores", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("shared-cores")
