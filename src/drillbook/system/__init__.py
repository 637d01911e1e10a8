"""What is asked, and where: a system's file, the limits in force, its addresses, and the target that results."""
