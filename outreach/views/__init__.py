"""Pages of young people's programmes: for families, coordinators and mentors."""
