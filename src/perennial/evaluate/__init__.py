"""Evaluate is stage 5 of the loop: did it help?"""
