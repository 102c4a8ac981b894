"""What zones take up of the plan in their zonal security plans. Never a score of a zone."""
