"""Claims with known truth about the profile that ships."""
