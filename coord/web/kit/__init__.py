"""What the pages share, so that each thing is done in one way: to ask once, and to give back what was typed.

A page of an area uses the kit; the kit knows no area.
"""
