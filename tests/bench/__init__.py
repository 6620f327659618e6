"""The benches count right: at tiny sizes, and on figures that are known."""
