"""The rules of points: pure Python, no clock, network, environment or chance inside."""
